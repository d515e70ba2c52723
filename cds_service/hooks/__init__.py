"""The CDS Hooks protocol: discovery, calls, feedback."""
