//! ProtoJSON of the contract's messages.
use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde_json::Value;

static CONTRACT: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let descriptors = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));
    DescriptorPool::decode(descriptors.as_slice()).expect("descriptors that buf compiled")
});

fn descriptor<M: Name>() -> MessageDescriptor {
    CONTRACT
        .get_message_by_name(&M::full_name())
        .expect("a message of the contract")
}

pub fn parse<M: Message + Name + Default>(json: Value) -> Result<M, String> {
    let message =
        DynamicMessage::deserialize(descriptor::<M>(), json).map_err(|error| error.to_string())?;
    message.transcode_to().map_err(|error| error.to_string())
}

pub fn print<M: Message + Name>(message: &M) -> Value {
    let mut dynamic = DynamicMessage::new(descriptor::<M>());
    dynamic
        .transcode_from(message)
        .expect("a message of its own descriptor");
    serde_json::to_value(&dynamic).expect("JSON of a message")
}
