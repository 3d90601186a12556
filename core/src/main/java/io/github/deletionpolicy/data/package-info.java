/**
 * What Spring Data JDBC's mapping says of an aggregate root, and the repositories that
 * obey a policy. Sends deletes through the API and knows nothing of how they are run.
 */
@NullMarked
package io.github.deletionpolicy.data;

import org.jspecify.annotations.NullMarked;
