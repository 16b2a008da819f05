package render

// Safe is how a text stands in every form.
var Safe = safe
