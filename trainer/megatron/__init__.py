"""A plan as Megatron-LM takes it, for those who stay there. No torch here, and none of Megatron's code."""
