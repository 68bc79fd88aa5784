/** For the makers of MCP servers: what the gateway does about personal data, inside of a server of one's own. */
export { createEngine, type Engine, type EngineOptions, type Entity, ENTITY_TYPES } from '../pii/index.ts';
export { type AccessLogger, fileLogger } from './access-logger.ts';
export { secureTool, type SecureToolOptions, type ToolHandler } from './secure-tool.ts';
