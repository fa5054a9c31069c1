"""A model in the files of other libraries, and the proof that it is the same one."""
