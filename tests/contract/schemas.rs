//! The document's schemas as validators (JSON Schema, draft 2020-12, as OpenAPI 3.1 asks for).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use crate::{Document, Node};

/// The address by which the validators find the document. Nothing is fetched.
const ADDRESS: &str = "urn:helpdesk:openapi";

/// The validators, each made when it is first needed.
pub(crate) struct Schemas {
    registry: Registry<'static>,
    made: Mutex<HashMap<String, Arc<Validator>>>,
}

impl fmt::Debug for Schemas {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Schemas").finish_non_exhaustive()
    }
}

impl Schemas {
    pub(crate) fn of(document: &Document) -> Result<Self, String> {
        let resource = Draft::Draft202012.create_resource(document.json().clone());
        let registry = Registry::new().add(ADDRESS, resource).and_then(jsonschema::RegistryBuilder::prepare);
        Ok(Self { registry: registry.map_err(|error| error.to_string())?, made: Mutex::default() })
    }

    pub(crate) fn misfits(&self, schema: &Node<'_>, value: &Value) -> Vec<String> {
        let fragment = schema.fragment();
        let validator = match self.validator(&fragment) {
            Ok(validator) => validator,
            Err(error) => return vec![format!("{fragment}: {error}")],
        };
        let errors = validator.iter_errors(value);
        errors.map(|error| format!("at `{}`: {error}", error.instance_path())).collect()
    }

    fn validator(&self, fragment: &str) -> Result<Arc<Validator>, String> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = made.get(fragment) {
            return Ok(Arc::clone(validator));
        }
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .should_validate_formats(true);
        let validator = options.build(&json!({"$ref": format!("{ADDRESS}{fragment}")}));
        let validator = Arc::new(validator.map_err(|error| error.to_string())?);
        made.insert(fragment.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }
}
