import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Surroundings } from '../builtin.ts';
import { registerGenerateSecurityReport } from './generate-security-report.ts';
import { registerGetSecurityAuditLog } from './get-security-audit-log.ts';
import { placeOf } from './place.ts';
import { registerSimulateDataBreachDetection } from './simulate-data-breach-detection.ts';
import { registerTestEncryption } from './test-encryption.ts';
import { registerTestPiiDetection } from './test-pii-detection.ts';

export const options = z.strictObject({
  auditLog: z
    .string()
    .refine(isAbsolute, 'This has to be an absolute path.')
    .optional()
    .describe('Another audit log than that of the gateway; its keys and checkpoints lie beside it'),
});

const INSTRUCTIONS =
  'Tries and reports on the security of the gateway that it is part of. What is recorded of everybody is for tokens with ' +
  'the scope audit.read.';

/** The `security` server: the guard, the vault, the alerts and the audit log, to be tried and read. */
export function create({ auditLog }: z.infer<typeof options>, around?: Surroundings): McpServerFactory {
  const place = placeOf(auditLog, around);
  return () => {
    const server = new McpServer(
      { name: 'security', title: 'Security', version: '1.0.0' },
      { instructions: INSTRUCTIONS },
    );
    registerTestPiiDetection(server, place);
    registerTestEncryption(server, place);
    registerGetSecurityAuditLog(server, place);
    registerSimulateDataBreachDetection(server, place);
    registerGenerateSecurityReport(server, place);
    return server;
  };
}
