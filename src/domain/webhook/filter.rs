//! Which deliveries of an endpoint are listed, newest first.

use super::DeliveryStatus;
use crate::domain::{
    cursor::{BadCursor, digest},
    filter::FilterError,
    id::EndpointId,
};

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 200;

/// Which deliveries are listed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeliveryFilter {
    /// Only those that stand so.
    pub status: Option<DeliveryStatus>,
    limit: Option<u64>,
    cursor: Option<String>,
}

impl DeliveryFilter {
    /// The newest `limit`.
    pub fn newest(limit: u64) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    /// Reads a query's pairs.
    ///
    /// # Errors
    /// A [`FilterError`] for an unknown parameter or a value that can't be read.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for (name, value) in pairs {
            filter.read(name, value).map_err(|why| FilterError { parameter: name.to_owned(), why })?;
        }
        Ok(filter)
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "status" | "limit" | "cursor" if value.is_empty() => {
                return Err("it has no value. Leave it out, or give one".to_owned());
            }
            "status" => self.status = Some(value.parse().map_err(|why| format!("{why}"))?),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                self.limit = Some(limit.ok_or("say a number from 1 to 200")?);
            }
            "cursor" => self.cursor = Some(value.to_owned()),
            _ => return Err("there is no such parameter".to_owned()),
        }
        Ok(())
    }

    /// How many a page holds.
    pub fn page_size(&self) -> u64 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// The query that goes on behind `cursor`.
    pub fn query_behind(&self, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.status.map(|status| ("status", status.as_str())));
        query.extend_pairs(self.limit.map(|limit| ("limit", limit.to_string())));
        query.append_pair("cursor", cursor).finish()
    }

    /// The cursor behind the delivery at `position` of `endpoint`; bound to both and to the status.
    pub fn cursor_behind(&self, endpoint: EndpointId, position: i64) -> String {
        format!("{position:016x}{:016x}", self.scope(endpoint))
    }

    /// The position that the cursor names; none without a cursor.
    ///
    /// # Errors
    /// [`BadCursor`] when it can't be read or belongs elsewhere.
    pub fn position(&self, endpoint: EndpointId) -> Result<Option<i64>, BadCursor> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        // Numbers would also be read with a sign.
        let is_whole = cursor.len() == 32 && cursor.bytes().all(|byte| byte.is_ascii_hexdigit());
        let halves = cursor.split_at_checked(16).filter(|_| is_whole);
        let (place, scope) = halves.ok_or(BadCursor::Unreadable)?;
        let read = |text| u64::from_str_radix(text, 16).map_err(|_| BadCursor::Unreadable);
        if read(scope)? != self.scope(endpoint) {
            return Err(BadCursor::OfAnotherList);
        }
        Ok(Some(read(place)?.cast_signed()))
    }

    fn scope(&self, endpoint: EndpointId) -> u64 {
        let status = self.status.map_or("", DeliveryStatus::as_str);
        digest(&format!("deliveries {endpoint} {status}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: EndpointId = EndpointId(Uuid::from_u128(1));
    const ELSEWHERE: EndpointId = EndpointId(Uuid::from_u128(2));

    fn read(pairs: &[(&str, &str)]) -> Result<DeliveryFilter, String> {
        DeliveryFilter::from_pairs(pairs.iter().copied()).map_err(|error| error.parameter)
    }

    #[test]
    fn what_can_not_be_understood_is_named() {
        for (name, value) in
            [("status", "lost"), ("limit", "0"), ("limit", "201"), ("limit", ""), ("colour", "red")]
        {
            assert_eq!(read(&[(name, value)]), Err(name.to_owned()), "{name}={value}");
        }
        assert_eq!(read(&[("status", "failed")]).map(|filter| filter.page_size()), Ok(50));
    }

    #[test]
    fn a_cursor_is_bound_to_its_endpoint_and_status() {
        let filter = read(&[("status", "failed")]).expect("a filter");
        let cursor = filter.cursor_behind(HERE, 42);
        let behind = |status: &str| read(&[("status", status), ("cursor", &cursor)]).expect("a filter");
        assert_eq!(behind("failed").position(HERE), Ok(Some(42)));
        assert_eq!(behind("failed").position(ELSEWHERE), Err(BadCursor::OfAnotherList));
        assert_eq!(behind("delivered").position(HERE), Err(BadCursor::OfAnotherList));
        for bad in ["x", "ééééééééééééééééé", &cursor[1..], &format!("+{}", &cursor[1..])] {
            let position = read(&[("cursor", bad)]).expect("a filter").position(HERE);
            assert_eq!(position, Err(BadCursor::Unreadable), "{bad}");
        }
        assert_eq!(filter.query_behind("c"), "status=failed&cursor=c");
    }
}
