"""What a plan comes to, in numbers: steps, epochs, memory, FLOPs, days. No torch here."""
