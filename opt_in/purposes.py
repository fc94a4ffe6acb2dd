"""What a consent may be for. The gate knows the same words."""

VENDOR_OFFERS = "vendor_offers"
