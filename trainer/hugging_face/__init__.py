"""Our model as Hugging Face's libraries have it, and theirs as ours."""
