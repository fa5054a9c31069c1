"""How the processes of a run are started: on this machine, on nodes that meet each other, or on a Ray cluster."""
