//! Every rule that a request can break, with its status, code and message.
