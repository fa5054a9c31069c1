"""Room on the disk, and what of an output folder nobody needs any more."""
