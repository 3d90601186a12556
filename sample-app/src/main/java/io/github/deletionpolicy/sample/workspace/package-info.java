/**
 * Projects, tasks and attachments: plain repositories, plain deletes.
 */
@NullMarked
package io.github.deletionpolicy.sample.workspace;

import org.jspecify.annotations.NullMarked;
