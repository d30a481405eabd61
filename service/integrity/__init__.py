"""Whether what is remembered is what was written: digests of rows that seals hold, and what a finding of it says."""
