/** An MCP server process over a stub service, for the client test. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createMcpServer } from '../../src/serve/mcp.js';
import { stubService } from './stub.js';

await createMcpServer(stubService(), '1.2.3').connect(new StdioServerTransport());
