"""Who may call, what they may reach, and how their EHR wants its cards."""
