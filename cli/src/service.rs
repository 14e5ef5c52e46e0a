//! A service, as the program calls it.

use cloud_billing_core::config::Environment;
use cloud_billing_core::{Core, Error, HttpClient, Operation};

use crate::attempts::Attempts;
use crate::generated::SERVICES;
use crate::operation::names;

/// Builds the client of a service: from the environment, or with a given HTTP client and without a credential.
type Connect = fn(&Environment, Attempts, Option<HttpClient>) -> Result<Core, Error>;

/// A service.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    name: &'static str,
    /// The command that has its operations.
    pub(crate) command: &'static str,
    /// The prefix of the environment variables that have its required parameters.
    pub(crate) variables: &'static str,
    operations: &'static [&'static Operation],
    connect: Connect,
}

impl Service {
    pub(crate) const fn new(
        name: &'static str,
        command: &'static str,
        variables: &'static str,
        operations: &'static [&'static Operation],
        connect: Connect,
    ) -> Self {
        Self { name, command, variables, operations, connect }
    }

    /// What the spec says about it.
    pub(crate) fn catalogue(&self) -> Option<&'static cloud_billing_catalogue::Service> {
        cloud_billing_catalogue::service(self.name)
    }

    /// The service with a command.
    pub(crate) fn of_command(command: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| service.command == command)
    }

    /// The operation with a name, in whichever spelling.
    pub(crate) fn named(&self, name: &str) -> Option<&'static cloud_billing_catalogue::Operation> {
        self.catalogue()?.operations.iter().find(|operation| names::is_of(operation, name))
    }

    /// The operation of the client with an id and a media type.
    pub(crate) fn operation(&self, id: &str, accept: Option<&str>) -> Option<&'static Operation> {
        self.operations.iter().copied().find(|it| it.id() == id && it.accepted_type() == accept)
    }

    /// The client, with the credential of the environment.
    pub(crate) fn connect(&self, environment: &Environment, attempts: Attempts) -> Result<Core, Error> {
        (self.connect)(environment, attempts, None)
    }

    /// A client that sends nothing: its requests go to `http`.
    pub(crate) fn connect_to(&self, environment: &Environment, http: HttpClient) -> Result<Core, Error> {
        (self.connect)(environment, Attempts::silent(), Some(http))
    }
}

/// How the client of a crate is built.
macro_rules! connect {
    ($client:ident) => {
        |environment, attempts, http| {
            let builder = $client::Client::builder_from_environment(environment)?.interceptor(attempts);
            let builder = match http {
                Some(http) => builder.http_client(http).no_credential(),
                None => builder,
            };
            Ok(builder.build()?.core().clone())
        }
    };
}
pub(crate) use connect;
