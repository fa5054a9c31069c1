"""What a run tells of itself, while it runs and afterwards: events, status, progress, the runs of a folder."""
