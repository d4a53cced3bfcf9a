//! The program without daemon or cluster.
