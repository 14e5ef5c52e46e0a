//! Invoices of MongoDB Atlas as rows.
