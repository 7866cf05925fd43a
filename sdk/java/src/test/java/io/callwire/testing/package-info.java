/** What tests run against: the gateway of this checkout, a server that follows a script, and a proxy that cuts. */
package io.callwire.testing;
