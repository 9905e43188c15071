//! A run as pages for people and files for programs, made from evidence alone.
