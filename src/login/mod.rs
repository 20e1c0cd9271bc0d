//! Who is this? One async function with a deadline, before there is an actor.

pub mod digest;
