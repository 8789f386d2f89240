// Pages are imported as text, as the bundler does.
module.exports = { process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }) };
