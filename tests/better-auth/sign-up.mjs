// Makes an account with the official client and prints the user as a line of JSON; exits with 1 if it cannot.
import { Visitor } from './visitor.mjs';

const [base, email, password, name] = process.argv.slice(2);
const visitor = new Visitor(base);
const { data, error } = await visitor.auth.signUp.email({ email, password, name });
if (error) {
  console.error('sign-up:', JSON.stringify(error));
  process.exit(1);
}
console.log(JSON.stringify(data.user));
