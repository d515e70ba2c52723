"""What to examine or measure to learn the source of the pain."""
