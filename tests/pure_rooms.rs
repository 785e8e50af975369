//! The pure rooms compile on their own: an import of a room above them does not build here.

#[path = "../src/base/mod.rs"]
pub mod base;
#[path = "../src/policy/mod.rs"]
pub mod policy;

#[test]
fn the_pure_rooms_stand_alone() {
    let known = policy::Universe { apps: Some(Vec::new()), ..policy::Universe::default() };
    assert!(policy::PolicySet::build(&policy::Files::default(), &known).is_ok());
}
