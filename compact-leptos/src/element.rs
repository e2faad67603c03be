//! Elements by their names: the library's, but for those that are named below.

pub use leptos::tachys::html::element::*;

use crate::{
    many::StaticVec,
    prelude::{AnyView, IntoAny, IntoMaybeErased},
};
use leptos::{
    prelude::{AddAnyAttr, IntoRender, Mountable, Render, RenderHtml},
    tachys::{
        html::{
            attribute::{
                Attribute, AttributeValue, IntoAttributeValue,
                any_attribute::{AnyAttribute, AnyAttributeState, IntoAnyAttribute},
                custom::custom_attribute,
            },
            element as typed,
            event::{EventDescriptor, on},
            node_ref::{NodeRefContainer, node_ref},
            property::{IntoProperty, prop},
        },
        hydration::Cursor,
        renderer::{
            CastFrom, Rndr,
            types::{Element, Event, Node},
        },
        ssr::StreamBuilder,
        view::{Position, PositionState},
    },
    wasm_bindgen::JsCast,
};

/// An HTML element. It is handed on for each of its attributes, so it is no larger than a pointer.
#[derive(Debug)]
pub struct El(Box<Parts>);

#[derive(Debug)]
struct Parts {
    name: &'static str,
    attributes: Vec<AnyAttribute>,
    inside: Option<AnyView>,
}

impl El {
    fn new(name: &'static str) -> Self {
        Self(Box::new(Parts { name, attributes: Vec::new(), inside: None }))
    }

    /// Adds a child.
    pub fn child(mut self, child: impl IntoRender<Output: RenderHtml + 'static>) -> Self {
        let child = child.into_render().into_maybe_erased();
        self.0.inside = Some(match self.0.inside.take() {
            None => child,
            Some(before) => StaticVec::from(vec![before, child]).into_any(),
        });
        self
    }

    /// Adds an attribute.
    pub fn attr<V>(self, name: &'static str, value: V) -> Self
    where
        V: IntoAttributeValue<Output: AttributeValue>,
    {
        self.with(custom_attribute(name, value.into_attribute_value()))
    }

    /// Hears an event.
    pub fn on<E>(self, event: E, heard: impl FnMut(E::EventType) + 'static) -> Self
    where
        E: EventDescriptor + Send + 'static,
        E::EventType: From<Event> + 'static,
    {
        self.hear(event, Box::new(heard))
    }

    fn hear<E>(self, event: E, heard: Box<dyn FnMut(E::EventType)>) -> Self
    where
        E: EventDescriptor + Send + 'static,
        E::EventType: From<Event> + 'static,
    {
        self.with(on(event, heard))
    }

    /// Sets a property of the element in the browser.
    pub fn prop(self, name: &'static str, value: impl IntoProperty) -> Self {
        self.with(prop(name, value))
    }

    /// Stands for all children.
    pub fn inner_html(self, html: impl InnerHtmlValue) -> Self {
        self.with(typed::inner_html(html))
    }

    /// Keeps a reference to the element.
    pub fn node_ref<E, C>(self, place: C) -> Self
    where
        E: ElementType<Output: JsCast + 'static>,
        C: NodeRefContainer<E> + Clone + Send + 'static,
    {
        self.with(node_ref(place))
    }

    fn with(mut self, attribute: impl Attribute) -> Self {
        self.0.attributes.push(attribute.into_any_attr());
        self
    }

    /// The opening tag; what is inside instead of children, if an attribute says so; the children.
    fn write_opening(
        self,
        buf: &mut String,
        extra: Vec<AnyAttribute>,
    ) -> (&'static str, String, Option<AnyView>) {
        let Parts { name, mut attributes, inside } = *self.0;
        attributes.extend(extra);
        buf.push('<');
        buf.push_str(name);
        let inner_html = typed::attributes_to_html(attributes, buf);
        buf.push('>');
        (name, inner_html, inside)
    }
}

/// What is never closed.
fn is_void(name: &str) -> bool {
    name == "input"
}

fn closing(name: &str) -> String {
    if is_void(name) { String::new() } else { format!("</{name}>") }
}

/// Puts a new state in an old one's place.
pub(crate) fn replace<T: Mountable>(old: &mut T, mut new: T) {
    old.insert_before_this(&mut new);
    old.unmount();
    *old = new;
}

/// What became of an [`El`] in the document.
pub struct ElState {
    element: Element,
    /// They change the element as long as they are kept.
    _attributes: Vec<AnyAttributeState>,
    _inside: Option<<AnyView as Render>::State>,
}

impl Render for El {
    type State = ElState;

    fn build(self) -> Self::State {
        let Parts { name, attributes, inside } = *self.0;
        let element = Rndr::create_element(name, None);
        let (_, attributes) = attributes.build(&element);
        let inside = inside.map(|inside| {
            let mut inside = inside.build();
            inside.mount(&element, None);
            inside
        });
        ElState { element, _attributes: attributes, _inside: inside }
    }

    /// What may be another element in another place of the sources is made anew.
    fn rebuild(self, state: &mut Self::State) {
        replace(state, self.build());
    }
}

impl AddAnyAttr for El {
    type Output<A: Attribute> = Self;

    fn add_any_attr<A: Attribute>(self, attribute: A) -> Self {
        self.with(attribute.into_cloneable_owned())
    }
}

impl RenderHtml for El {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        self.0.attributes.iter_mut().for_each(Attribute::dry_resolve);
        self.0.inside.iter_mut().for_each(RenderHtml::dry_resolve);
    }

    async fn resolve(mut self) -> Self::AsyncOutput {
        let attributes = std::mem::take(&mut self.0.attributes);
        self.0.attributes = attributes.resolve().await;
        if let Some(inside) = self.0.inside.take() {
            self.0.inside = Some(inside.resolve().await);
        }
        self
    }

    fn html_len(&self) -> usize {
        let inside: usize = self.0.inside.iter().map(RenderHtml::html_len).sum();
        2 * self.0.name.len() + "<></>".len() + self.0.attributes.html_len() + inside
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        let (name, inner_html, inside) = self.write_opening(buf, extra_attrs);
        buf.push_str(&inner_html);
        if let Some(inside) = inside.filter(|_| inner_html.is_empty()) {
            *position = Position::FirstChild;
            inside.to_html_with_buf(buf, position, true, mark_branches, Vec::new());
        }
        buf.push_str(&closing(name));
        *position = Position::NextChild;
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        _escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        let mut opened = String::new();
        let (name, inner_html, inside) = self.write_opening(&mut opened, extra_attrs);
        buf.push_sync(&opened);
        buf.push_sync(&inner_html);
        if let Some(inside) = inside.filter(|_| inner_html.is_empty()) {
            *position = Position::FirstChild;
            inside.to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, true, mark_branches, Vec::new());
        }
        buf.push_sync(&closing(name));
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        match position.get() {
            Position::Current => {}
            Position::FirstChild => cursor.child(),
            _ => cursor.sibling(),
        }
        let Parts { name, attributes, inside } = *self.0;
        let found = Element::cast_from(cursor.current());
        let element = found.unwrap_or_else(|| panic!("<{name}> is not where the server wrote it"));
        let (_, attributes) = attributes.hydrate::<FROM_SERVER>(&element);
        let inside = inside.map(|inside| {
            position.set(Position::FirstChild);
            inside.hydrate::<FROM_SERVER>(cursor, position)
        });
        cursor.set(element.clone().into());
        position.set(Position::NextChild);
        ElState { element, _attributes: attributes, _inside: inside }
    }

    fn into_owned(self) -> Self::Owned {
        self
    }
}

impl Mountable for ElState {
    fn unmount(&mut self) {
        Rndr::remove(&self.element);
    }

    fn mount(&mut self, parent: &Element, before: Option<&Node>) {
        Rndr::insert_node(parent, &self.element, before);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent = Rndr::get_parent(&self.element).and_then(Element::cast_from);
        if let Some(parent) = &parent {
            child.mount(parent, Some(&self.element));
        }
        parent.is_some()
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.element.clone()]
    }
}

macro_rules! elements {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("`<", stringify!($name), ">`")]
            pub fn $name() -> El {
                El::new(stringify!($name))
            }
        )*
    };
}

elements! {
    a article audio button caption code datalist dd details dialog div dl dt fieldset footer form h1 h2 h3 h4 header
    input kbd label legend li main nav ol option p pre section select small span strong summary table tbody td th thead
    time tr ul
}

macro_rules! attributes {
    ($($method:ident $name:literal)*) => {
        impl El {
            $(
                #[doc = concat!("The attribute `", $name, "`.")]
                pub fn $method<V>(self, value: V) -> Self
                where
                    V: IntoAttributeValue<Output: AttributeValue>,
                {
                    self.attr($name, value)
                }
            )*
        }
    };
}

attributes! {
    action "action"
    aria_busy "aria-busy"
    aria_current "aria-current"
    aria_describedby "aria-describedby"
    aria_hidden "aria-hidden"
    aria_invalid "aria-invalid"
    aria_keyshortcuts "aria-keyshortcuts"
    aria_label "aria-label"
    aria_labelledby "aria-labelledby"
    aria_live "aria-live"
    aria_pressed "aria-pressed"
    autocomplete "autocomplete"
    checked "checked"
    class "class"
    colspan "colspan"
    controls "controls"
    datetime "datetime"
    dir "dir"
    disabled "disabled"
    download "download"
    r#for "for"
    form "form"
    height "height"
    href "href"
    id "id"
    inputmode "inputmode"
    label "label"
    lang "lang"
    list "list"
    max "max"
    maxlength "maxlength"
    method "method"
    min "min"
    name "name"
    novalidate "novalidate"
    open "open"
    placeholder "placeholder"
    preload "preload"
    rel "rel"
    required "required"
    role "role"
    rows "rows"
    scope "scope"
    selected "selected"
    spellcheck "spellcheck"
    src "src"
    step "step"
    tabindex "tabindex"
    target "target"
    title "title"
    r#type "type"
    value "value"
    width "width"
}
