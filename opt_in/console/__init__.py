"""The vendor console: asks schools and shows what became of it. It knows no person and decides nothing."""
