"""Who answers: worker processes over llama.cpp, and the batch scheduler inside them."""
