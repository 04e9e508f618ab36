"""The wizard's pages: who may do which step, and the picture of the result beside it."""
