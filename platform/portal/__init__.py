"""What a person sees first: base templates, design system, health, error pages."""
