/** The engine that finds personal data, as a library: no gateway, no configuration, no state. */
export { createEngine, type Engine, type EngineOptions, type Extra } from './engine.ts';
export { DEFAULT_THRESHOLD, ENTITY_TYPES, type Entity, type EntityType } from './entity.ts';
