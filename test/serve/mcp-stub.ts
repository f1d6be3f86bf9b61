/** An MCP server process over a stub service, for the client test. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createMcpServer, followAnswers } from '../../src/serve/mcp.js';
import { stubService } from './stub.js';

const server = createMcpServer(stubService({ delay: 300 }), '1.2.3');
const transport = new StdioServerTransport();
await server.connect(transport);
const answered = followAnswers(transport);
await new Promise((ended) => process.stdin.once('end', ended));
await answered();
await server.close();
