
{.deprecated: "Use the new 'sugar' module instead".}

include sugar
