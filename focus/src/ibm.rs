//! Months of accounts of IBM Cloud as rows.
