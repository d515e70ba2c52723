"""Whether the course is being watched."""
