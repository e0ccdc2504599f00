package avdaily.s3;

import avdaily.base.FetchedFiles;
import avdaily.base.FetchedLibrary;
import avdaily.base.Settings;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;

/** The AWS SDK, whose 10 MB are fetched with the first use: its types, made and asked by name. */
final class AwsSdk {
    private static final String VERSION = "2.57.8";
    private static final String GROUP = "software.amazon.awssdk";
    private static final String PACKAGE = GROUP + ".";
    private static final FetchedLibrary LIBRARY = new FetchedLibrary(
            "the AWS SDK, which object storage needs,",
            List.of(
                    GROUP + ":s3:" + VERSION,
                    GROUP + ":sts:" + VERSION,
                    GROUP + ":sso:" + VERSION,
                    GROUP + ":ssooidc:" + VERSION,
                    GROUP + ":url-connection-client:" + VERSION),
            List.of(
                    GROUP + ":netty-nio-client",
                    GROUP + ":apache-client",
                    GROUP + ":apache5-client",
                    "org.slf4j:slf4j-api"),
            new FetchedFiles(AwsSdk.class, "aws-sdk.sha256"),
            "a folder of this machine takes backups without it.");

    private static AwsSdk fetched;

    private final ClassLoader loader;

    private AwsSdk(ClassLoader loader) {
        this.loader = loader;
    }

    /** @throws avdaily.base.Failure (20) if it cannot be fetched; (21) if it is not what this version knows */
    static synchronized AwsSdk fetched(Settings settings) {
        try {
            if (fetched == null) fetched = new AwsSdk(LIBRARY.load(settings));
            return fetched;
        } catch (IOException e) {
            throw S3Failure.unanswered("the AWS SDK", e);
        }
    }

    /** @param name below the SDK's package, as in "services.s3.S3Client" */
    Class<?> type(String name) {
        try {
            return Class.forName(PACKAGE + name, true, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the AWS SDK " + VERSION + " is not as it was", e);
        }
    }

    /** A constant of an enum or a class. */
    Object constant(String type, String name) {
        try {
            return type(type).getField(name).get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the AWS SDK " + VERSION + " is not as it was", e);
        }
    }

    /**
     * An object of a type that has a builder.
     *
     * @param properties names of the builder's methods, each followed by its value; null is left out
     */
    Object built(String type, Object... properties) {
        return call(builder(type, properties), type(builderOf(type)), "build");
    }

    /** A builder with its properties set. */
    Object builder(String type, Object... properties) {
        Object builder = callStatic(type, "builder");
        for (int i = 0; i < properties.length; i += 2)
            if (properties[i + 1] != null)
                call(builder, type(builderOf(type)), (String) properties[i], properties[i + 1]);
        return builder;
    }

    private static String builderOf(String type) {
        return type.endsWith("Client") && !type.endsWith("HttpClient") ? type + "Builder" : type + "$Builder";
    }

    Object callStatic(String type, String method, Object... arguments) {
        return call(null, type(type), method, arguments);
    }

    /** What an object of the SDK says of itself. */
    static <T> T ask(Object target, Class<T> as, String property) {
        return as.cast(call(target, target.getClass(), property));
    }

    /** @param type that is public and has the method; the target's own mostly is not */
    static Object call(Object target, Class<?> type, String method, Object... arguments) {
        try {
            return method(type, method, arguments).invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the AWS SDK " + VERSION + " is not as it was", e);
        }
    }

    private static Method method(Class<?> type, String name, Object... arguments) {
        for (Method method : type.getMethods())
            if (method.getName().equals(name) && takes(method, arguments)) return method;
        throw new IllegalStateException("the AWS SDK " + VERSION + " has no " + type.getName() + "." + name);
    }

    private static boolean takes(Method method, Object... arguments) {
        Class<?>[] types = method.getParameterTypes();
        if (types.length != arguments.length) return false;
        for (int i = 0; i < types.length; i++)
            if (!MethodType.methodType(types[i]).wrap().returnType().isInstance(arguments[i])) return false;
        return true;
    }
}
