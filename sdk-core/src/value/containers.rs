//! Lists and maps that a service may leave out.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A list in a response. Whether the service sends `[]`, `null` or nothing, it reads as an empty list. Elements that are
/// `null` stand for nothing and are left out: one of them is no reason to refuse a page of bills.
///
/// It dereferences to a slice. A list that was absent is left out again when the response is serialized. For this, and for
/// serde's `Deserialize`, a field of this type has
/// `#[serde(default, skip_serializing_if = "NullableVec::is_absent")]`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NullableVec<T>(Option<Vec<T>>);

impl<T> NullableVec<T> {
    /// A list that is not there.
    pub const fn absent() -> Self {
        Self(None)
    }

    /// Whether the list is not there at all, as opposed to there and empty.
    pub const fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// The items.
    pub fn into_vec(self) -> Vec<T> {
        self.0.unwrap_or_default()
    }

    /// The items.
    pub fn as_slice(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T> Default for NullableVec<T> {
    fn default() -> Self {
        Self::absent()
    }
}

impl<T> Deref for NullableVec<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T> DerefMut for NullableVec<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}

impl<T: fmt::Debug> fmt::Debug for NullableVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl<T> From<Vec<T>> for NullableVec<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Some(items))
    }
}

impl<T> From<NullableVec<T>> for Vec<T> {
    fn from(list: NullableVec<T>) -> Self {
        list.into_vec()
    }
}

impl<T> FromIterator<T> for NullableVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(Some(items.into_iter().collect()))
    }
}

impl<T> IntoIterator for NullableVec<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a NullableVec<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Serialize> Serialize for NullableVec<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NullableVec<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Option::<Vec<Option<T>>>::deserialize(deserializer)?;
        Ok(Self(items.map(|items| items.into_iter().flatten().collect())))
    }
}

/// A map from text in a response. Whether the service sends `{}`, `null` or nothing, it reads as an empty map.
///
/// Iteration is in the order of the keys. Like a [`NullableVec`], a map that was absent is left out again when the response is
/// serialized, and a field of this type has `#[serde(default, skip_serializing_if = "NullableMap::is_absent")]`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NullableMap<V>(Option<BTreeMap<String, V>>);

impl<V> NullableMap<V> {
    /// A map that is not there.
    pub const fn absent() -> Self {
        Self(None)
    }

    /// Whether the map is not there at all, as opposed to there and empty.
    pub const fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.0.as_ref()?.get(key)
    }

    /// The entries, in the order of the keys.
    pub fn iter(&self) -> btree_map::Iter<'_, String, V> {
        match &self.0 {
            Some(map) => map.iter(),
            None => btree_map::Iter::default(),
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, BTreeMap::len)
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries.
    pub fn into_map(self) -> BTreeMap<String, V> {
        self.0.unwrap_or_default()
    }
}

impl<V> Default for NullableMap<V> {
    fn default() -> Self {
        Self::absent()
    }
}

impl<V: fmt::Debug> fmt::Debug for NullableMap<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<V> From<BTreeMap<String, V>> for NullableMap<V> {
    fn from(map: BTreeMap<String, V>) -> Self {
        Self(Some(map))
    }
}

impl<V> FromIterator<(String, V)> for NullableMap<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        Self(Some(entries.into_iter().collect()))
    }
}

impl<V> IntoIterator for NullableMap<V> {
    type Item = (String, V);
    type IntoIter = btree_map::IntoIter<String, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_map().into_iter()
    }
}

impl<'a, V> IntoIterator for &'a NullableMap<V> {
    type Item = (&'a String, &'a V);
    type IntoIter = btree_map::Iter<'a, String, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<V: Serialize> Serialize for NullableMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for NullableMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Page {
        #[serde(default, skip_serializing_if = "NullableVec::is_absent")]
        results: NullableVec<i64>,
        #[serde(default, skip_serializing_if = "NullableMap::is_absent")]
        tags: NullableMap<NullableVec<String>>,
    }

    #[test]
    fn absent_and_empty_stay_apart() {
        for json in ["{}", r#"{"results":[]}"#, r#"{"results":[1,2],"tags":{"a":["x"]}}"#, r#"{"tags":{}}"#] {
            let page: Page = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&page).unwrap(), json);
        }
        let page: Page = serde_json::from_str(r#"{"results":null,"tags":null}"#).unwrap();
        assert!(page.results.is_empty() && page.tags.is_empty());
        assert_eq!(serde_json::to_string(&page).unwrap(), "{}");
    }

    #[test]
    fn null_elements_are_left_out() {
        let page: Page = serde_json::from_str(r#"{"results":[null,1,null,2],"tags":{"a":[null]}}"#).unwrap();
        assert_eq!(page.results.as_slice(), [1, 2]);
        assert_eq!(serde_json::to_string(&page).unwrap(), r#"{"results":[1,2],"tags":{"a":[]}}"#);
        let error = serde_json::from_str::<Page>(r#"{"results":7}"#).unwrap_err().to_string();
        assert!(error.starts_with("invalid type: integer `7`, expected a sequence"), "{error}");
    }

    #[test]
    fn a_list_is_a_slice() {
        let mut list: NullableVec<i64> = [3, 1, 2].into_iter().collect();
        list.sort_unstable();
        assert_eq!(list.first(), Some(&1));
        assert_eq!((&list).into_iter().sum::<i64>(), 6);
        assert_eq!(list.into_iter().rev().collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(NullableVec::<i64>::default().len(), 0);
        assert_eq!(format!("{:?}", NullableVec::from(vec![1])), "[1]");
    }

    #[test]
    fn a_dict_is_a_map() {
        let dict: NullableMap<i64> = [("b".to_owned(), 2), ("a".to_owned(), 1)].into_iter().collect();
        assert_eq!(dict.get("b"), Some(&2));
        assert_eq!(dict.get("c"), None);
        assert_eq!(dict.iter().map(|(key, _)| key.as_str()).collect::<String>(), "ab");
        assert_eq!(NullableMap::<i64>::absent().iter().count(), 0);
        assert_eq!(format!("{dict:?}"), r#"{"a": 1, "b": 2}"#);
    }
}
