"""The reduced picture under an open address: what it holds, and how it is drawn."""
