"""What only worker processes import: from the wake-up to the stored picture. No web process loads any of it."""
