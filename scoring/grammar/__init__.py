"""What keys a model file may have, and the frozen type that each section becomes."""
