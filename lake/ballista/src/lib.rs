//! Nothing: the dependencies are programs.
