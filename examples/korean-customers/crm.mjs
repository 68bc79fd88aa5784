// A stand-in for your customer system: two people that do not exist.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const CUSTOMERS = [
  {
    번호: 1,
    이름: '홍길동',
    전화: '010-2345-6789',
    이메일: 'gildong.hong@example.kr',
    주민번호: '900101-1234568',
    계좌번호: '110-234-567890',
    메모: '홍길동 고객님께서 3월 요금을 문의하셨습니다.',
  },
  {
    번호: 2,
    이름: '김민지',
    전화: '010-8765-4321',
    이메일: 'minji.kim@example.kr',
    주민번호: '950505-2345671',
    계좌번호: '352-1234-5678-93',
    메모: '담당자 박씨가 다시 연락하기로 했습니다.',
  },
];

serveStdio(() => {
  const server = new McpServer({ name: 'crm', version: '1.0.0' });
  server.registerTool(
    'get_customer',
    { description: 'What is known of a customer.', inputSchema: z.object({ id: z.int() }) },
    ({ id }) => {
      const customer = CUSTOMERS.find((each) => each.번호 === id);
      return customer
        ? { content: [{ type: 'text', text: JSON.stringify(customer) }] }
        : { content: [{ type: 'text', text: `There is no customer ${id}.` }], isError: true };
    },
  );
  return server;
});
