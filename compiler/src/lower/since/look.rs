//! A look at an object field by field: a serializer that writes nothing.
//!
//! The same as a walk over the object's JSON, without making it: checks look at every object of every cell.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{self, Impossible};

use super::{Fields, Unfit, Why, types};

/// A value, the type that it has, and what was found so far.
pub struct Look<'a> {
    /// The fields of its type.
    pub fields: Option<&'static Fields>,
    /// The minor version of the server.
    pub minor: u32,
    /// Where it stands.
    pub path: &'a mut Vec<Cow<'static, str>>,
    /// What does not fit.
    pub found: &'a mut Vec<Unfit>,
}

/// A look cannot fail; serde wants a type for it.
type Never = std::fmt::Error;

impl Look<'_> {
    fn again(&mut self) -> Look<'_> {
        Look { fields: self.fields, minor: self.minor, path: self.path, found: self.found }
    }

    /// One field of the value.
    fn field<T: Serialize + ?Sized>(&mut self, name: Cow<'static, str>, value: &T) -> Result<(), Never> {
        let field = self.fields.and_then(|fields| fields.get(name.as_ref()));
        let why = match field.map(|field| field.since) {
            None => Some(Why::Unknown),
            Some(None) => Some(Why::Gated),
            Some(Some(since)) => (since > self.minor).then_some(Why::Since(since)),
        };
        let inner = field.and_then(|field| field.inner);
        if why.is_none() && inner.is_none() {
            return Ok(());
        }
        self.path.push(name);
        self.found.extend(why.map(|why| Unfit { path: self.path.join("."), why }));
        if let Some(inner) = inner {
            value.serialize(Look { fields: types().get(inner), ..self.again() })?;
        }
        self.path.pop();
        Ok(())
    }
}

/// The entries of a map, whose names come before their values.
pub struct Entries<'a> {
    look: Look<'a>,
    name: String,
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        let key = serde_json::to_value(key).map_err(ser::Error::custom)?;
        key.as_str().unwrap_or_default().clone_into(&mut self.name);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        let name = std::mem::take(&mut self.name);
        self.look.field(Cow::Owned(name), value)
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}

impl ser::SerializeStruct for Look<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Never> {
        self.field(Cow::Borrowed(name), value)
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}

impl ser::SerializeSeq for Look<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(self.again())
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}

/// Scalars have no fields.
macro_rules! scalars {
    ($($name:ident $type:ty),+ $(,)?) => {
        $(fn $name(self, _value: $type) -> Result<(), Never> {
            Ok(())
        })+
    };
}

impl<'a> ser::Serializer for Look<'a> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Self;
    type SerializeTuple = Impossible<(), Never>;
    type SerializeTupleStruct = Impossible<(), Never>;
    type SerializeTupleVariant = Impossible<(), Never>;
    type SerializeStructVariant = Impossible<(), Never>;

    scalars! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_f32 f32,
        serialize_f64 f64, serialize_char char, serialize_str &str, serialize_bytes &[u8],
        serialize_unit_struct &'static str,
    }

    fn serialize_none(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'a>, Never> {
        Ok(Entries { look: self, name: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Never> {
        Err(ser::Error::custom("no object of Kubernetes has a tuple"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Never> {
        Err(ser::Error::custom("no object of Kubernetes has a tuple"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Never> {
        Err(ser::Error::custom("no object of Kubernetes has a tuple"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Never> {
        Err(ser::Error::custom("no object of Kubernetes has a variant with fields"))
    }
}
