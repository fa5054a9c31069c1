#import <UIKit/UIKit.h>

//! Project version number for bridge.
FOUNDATION_EXPORT double CapacitorVersionNumber;

//! Project version string for bridge.
FOUNDATION_EXPORT const unsigned char CapacitorVersionString[];

#import <Capacitor/CAPPlugin.h>
#import <Capacitor/CAPPluginCall.h>
#import <Capacitor/CAPBridgedPlugin.h>
#import <Capacitor/CAPPluginMethod.h>
#import <Capacitor/CAPInstanceDescriptor.h>
#import <Capacitor/CAPInstanceConfiguration.h>

