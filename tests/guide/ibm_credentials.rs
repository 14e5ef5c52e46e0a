use ibm_usage_reports::auth::{ApiKey, AssumedProfile, ComputeResource, InstanceIdentity, Profile};
use ibm_usage_reports::{Client, Error};

fn main() -> Result<(), Error> {
    let by_key = Client::builder().credential(ApiKey::new("api-key")).build()?;
    let profile = AssumedProfile::new("api-key", Profile::Id("Profile-1".into()));
    let assumed = Client::builder().credential(profile).build()?;
    let in_cluster = Client::builder().credential(ComputeResource::new().profile_name("billing-reader")).build()?;
    let on_instance = Client::builder().credential(InstanceIdentity::new()).build()?;
    let by_token = Client::builder().bearer_token("access-token").build()?;
    let behind_a_proxy = Client::builder().no_credential().build()?;
    println!("{by_key:?} {assumed:?} {in_cluster:?} {on_instance:?} {by_token:?} {behind_a_proxy:?}");
    Ok(())
}
