"""Files wherever they are: local, on object stores, behind URLs; which of them a source has, in which version."""
